/** The entry of the inspector's window. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createClient } from '../../src/ipc/client/index.ts'
import { ClientProvider } from '../../src/ipc/client/react.tsx'
import { restoreTheme } from '../parts/theme.ts'
import '../style/inspector.css'
import { Inspector } from './Inspector.tsx'
import { paced } from './paced.ts'
import { startRecords } from './records.ts'

restoreTheme()
// Before the first render: it takes the token out of the fragment, where the panel is read from.
const client = createClient({ scope: 'all' })
const records = startRecords(client)
// Every message is recorded; the panels follow at a pace that people can read.
const calmClient = { ...client, status: paced(client.status) }

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <ClientProvider client={calmClient}>
      <Inspector records={records} />
    </ClientProvider>
  </StrictMode>,
)
