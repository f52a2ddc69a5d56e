/** Many links as one source: peers of each are told apart by the link's number. */
import type { OnMessage, Source } from './source.js';

export class Links implements Source {
  readonly peers: readonly string[];
  readonly answerBytesMax: number;
  private readonly links: readonly Source[];

  constructor(links: readonly Source[]) {
    this.links = links;
    this.peers = links.flatMap(({ peers }, i) => peers.map((peer) => `${i}/${peer}`));
    this.answerBytesMax = Math.min(...links.map((link) => link.answerBytesMax));
  }

  get refused(): number {
    return this.links.reduce((refused, link) => refused + link.refused, 0);
  }

  /** Starts every link; when one cannot be opened, those that were are closed again. */
  async start(onMessage: OnMessage, onTrouble: (line: string) => void, onFree?: () => void): Promise<void> {
    try {
      for (const [i, link] of this.links.entries())
        await link.start((peer, message) => onMessage(`${i}/${peer}`, message), onTrouble, onFree);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  poll(peer: string, from: number, maxBytes?: number): boolean {
    const [link, name] = this.linkOf(peer);
    return link.poll(name, from, maxBytes);
  }

  noiseOf(peer: string): number | undefined {
    const [link, name] = this.linkOf(peer);
    return link.noiseOf?.(name);
  }

  send(peer: string, message: Uint8Array): boolean {
    const [link, name] = this.linkOf(peer);
    return link.send === undefined || link.send(name, message);
  }

  isShared(peer: string): boolean {
    const [link, name] = this.linkOf(peer);
    return link.isShared?.(name) === true;
  }

  async close(): Promise<void> {
    await Promise.all(this.links.map((link) => link.close()));
  }

  private linkOf(peer: string): [Source, string] {
    const slash = peer.indexOf('/');
    return [this.links[Number(peer.slice(0, slash))], peer.slice(slash + 1)];
  }
}
