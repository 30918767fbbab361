/** The entry of the app's window. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createClient } from '../../src/ipc/client/index.ts'
import { ClientProvider } from '../../src/ipc/client/react.tsx'
import { restoreTheme } from '../parts/theme.ts'
import '../style/index.css'
import { App } from './App.tsx'

restoreTheme()
// Before the first render: it takes the token out of the fragment, where the place is read from.
const client = createClient()

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <ClientProvider client={client}>
      <App />
    </ClientProvider>
  </StrictMode>,
)
