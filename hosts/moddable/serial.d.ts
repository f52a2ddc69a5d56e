/** What the simulator's host uses of the SDK's serial port (ECMA-419 clause 9.7), as it is on Linux. */
declare module 'embedded:io/serial' {
  export default class Serial {
    constructor(options: { device: string; baud: number; format: 'buffer'; onWritable?: () => void });
    /** What has come, `bytesMax` at most; undefined when nothing has. */
    read(bytesMax: number): ArrayBuffer | undefined;
    /** At most 1024 bytes, and only after `onWritable`. */
    write(bytes: ArrayBuffer): void;
  }
}
