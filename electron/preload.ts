/** Exposes one object to the page, `electronTRPC`: two functions that carry messages to the router and back. */
import { exposeElectronTRPC } from 'electron-trpc/main'

exposeElectronTRPC()
