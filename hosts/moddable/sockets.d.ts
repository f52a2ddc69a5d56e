/** What the hosts use of the SDK's ECMA-419 sockets; mcconfig takes the SDK's own declarations, which these agree with. */
declare module 'embedded:io/socket/udp' {
  export default class UDP {
    constructor(options: { port?: number });
    write(bytes: Uint8Array, address: string, port: number): void;
    /** Undefined when none is there. */
    read(): (ArrayBuffer & { address: string; port: number }) | undefined;
    close(): void;
  }
}
declare module 'embedded:io/socket/tcp' {
  export default class TCP {
    constructor(options: {
      from: TCP;
      nodelay?: boolean;
      onReadable?: (bytes: number) => void;
      onWritable?: (bytes: number) => void;
      onError?: () => void;
    });
    write(bytes: Uint8Array): void;
    read(byteLength: number): ArrayBuffer;
    close(): void;
  }
}
declare module 'embedded:io/socket/listener' {
  import type TCP from 'embedded:io/socket/tcp';
  export default class Listener {
    constructor(options: { port: number; onReadable: (requests: number) => void });
    read(): TCP | undefined;
    close(): void;
  }
}
