/** Going on and off line. Whether it worked, the status says: a call that fails changes nothing. */
import { useClient } from '../../src/ipc/client/react.tsx'

export interface Online {
  /** Also ends a wait for the next attempt. */
  readonly goOnline: () => void
  readonly goOffline: () => void
}

export function useOnline(): Online {
  const { trpc } = useClient()
  return {
    goOnline: () => void trpc.sync.connect.mutate().catch(() => {}),
    goOffline: () => void trpc.sync.disconnect.mutate().catch(() => {}),
  }
}
