/**
 * electron-trpc's part for the main process, alone. Its ES module also imports what only a preload has, which
 * Electron refuses in the main process: so the built package holds this part by itself, without the rest.
 */
export { createIPCHandler } from 'electron-trpc/main'
