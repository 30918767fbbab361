/** In place of the whole page, where the host does not accept its token or lets it watch nothing. */
import { useSyncExternalStore } from 'react'
import { useClient } from '../../src/ipc/client/react.tsx'
import { Ripples } from './icons.tsx'

export function NoKey() {
  const { refusal } = useClient()
  const refused = useSyncExternalStore(refusal.subscribe, refusal.getSnapshot)
  const title = refused === null ? 'This address has no valid key' : 'This window may not watch the sync'
  return (
    <main className="no-key blank">
      <title>{refused === null ? 'No valid key · Headwater' : 'Not allowed · Headwater'}</title>
      <Ripples />
      <div>
        <h1 className="blank-title">{title}</h1>
        <p className="blank-text">
          {refused === null
            ? 'Each start of Headwater makes a new one. Open the address that it printed in the terminal. Nothing that was synced is lost.'
            : `${refused.message} (${refused.code})`}
        </p>
      </div>
    </main>
  )
}
