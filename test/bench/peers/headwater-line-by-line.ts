/** Headwater's engine when every line arrives alone: each is a turn, and a transaction, of its own. */
import type { Peer, PeerOptions } from '../peer.ts'
import { HeadwaterPeer } from './headwater.ts'

export async function open(options: PeerOptions): Promise<Peer> {
  return new HeadwaterPeer('headwater-line-by-line', options, 0)
}
