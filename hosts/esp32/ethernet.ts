/** The SDK's Ethernet interface, W5500 or LAN87xx by the manifest, as the network that the ports ask for. */
import Ethernet from 'embedded:network/interface/ethernet';
import type { Network } from '../moddable/network.js';

/** What `connection` says when there is an address. */
const CONNECTED = 500;

interface StaticAddress {
  readonly address: string;
  readonly mask: string;
  readonly gateway: string;
}

export class EthernetNetwork implements Network {
  isUp = false;

  /** Without a static address DHCP is asked. */
  constructor(hostname: string, fixed: StaticAddress | null) {
    const ethernet: Ethernet = new Ethernet({
      onChanged: () => {
        this.isUp = ethernet.connection === CONNECTED;
      },
    });
    ethernet.configure(fixed === null ? { hostname } : { hostname, static: fixed });
    ethernet.connect();
  }
}
