/** The native core with all lines of a checkpoint in one transaction: faster than its SDK can drive it. */
import type { Peer, PeerOptions } from '../peer.ts'
import { NativePeer } from './native.ts'

export async function open(options: PeerOptions): Promise<Peer> {
  return new NativePeer('native-one-transaction', options, 'checkpoint')
}
