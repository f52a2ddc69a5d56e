/** What the hosts use of the SDK's native digests; mcconfig takes the SDK's own declaration, which this one agrees with. */
declare module 'crypt' {
  export class Digest {
    constructor(type: 'SHA256');
    reset(): void;
    write(bytes: ArrayBuffer): void;
    /** The digest, 32 bytes. */
    close(): ArrayBuffer;
  }
}
