/** How components reach the client of their page. */
import { createContext, use, useSyncExternalStore, type ReactNode } from 'react'
import type { Client } from './client.ts'
import type { LinkState } from './link.ts'

const ClientContext = createContext<Client | null>(null)

export function ClientProvider({
  client,
  children,
}: {
  readonly client: Client
  readonly children: ReactNode
}) {
  return <ClientContext value={client}>{children}</ClientContext>
}

export function useClient(): Client {
  const client = use(ClientContext)
  if (client === null) throw new Error('useClient is called outside of a ClientProvider.')
  return client
}

/** Whether this page and the daemon can hear each other. */
export function useLink(): LinkState {
  const { link } = useClient()
  return useSyncExternalStore(link.subscribe, link.getSnapshot)
}
