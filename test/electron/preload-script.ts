/** What runs before a page's own scripts: enough of `electron` for a preload, then the preload itself. */

/** The script to add to each document. Like Electron, it runs in main frames only. */
export function preloadScript(preload: string): { content: string } {
  return { content: `if (window === top) (${runPreload})(${JSON.stringify(preload)})` }
}

/** Runs inside the page: it may use nothing from this file. */
const runPreload = `function (source) {
  // A late message for the document that was here before must not reach this one.
  const id = crypto.randomUUID()
  const listeners = new Map()
  const ipcRenderer = {
    send: (channel, message) => void __standInSend(id, channel, structuredClone(message)),
    on: (channel, listener) => void listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
  }
  const contextBridge = {
    exposeInMainWorld: (name, api) => Object.defineProperty(window, name, { value: Object.freeze(api) }),
  }
  window.__standInReceive = (messages) => {
    for (const { document, channel, message } of messages) {
      if (document === id) for (const listener of listeners.get(channel) ?? []) listener({}, message)
    }
  }
  const require = (name) => {
    if (name === 'electron' || name === 'electron/renderer') return { ipcRenderer, contextBridge }
    throw new Error('A sandboxed preload has no module ' + name)
  }
  const module = { exports: {} }
  new Function('require', 'module', 'exports', source)(require, module, module.exports)
}`
