/** What a port asks of the network below it: the SDK's sockets cannot be made before a link is up. */
export interface Network {
  readonly isUp: boolean;
}

/** Of an IPv4 host: four numbers, no name. */
export interface Address {
  readonly host: string;
  readonly port: number;
}
