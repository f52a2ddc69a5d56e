/** What the hosts use of the SDK's Ethernet interface; mcconfig takes the SDK's own declaration, which this one agrees with. */
declare module 'embedded:network/interface/ethernet' {
  export default class Ethernet {
    constructor(options: { onChanged: () => void });
    configure(options: { hostname: string; static?: { address: string; mask: string; gateway: string } }): void;
    connect(): void;
    /** 500: link and address. */
    readonly connection: number;
  }
}
