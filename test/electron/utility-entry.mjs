/** Runs the entry of a utility process: as in Electron, messages wait until somebody listens. */
import { EventEmitter } from 'node:events'
import { pathToFileURL } from 'node:url'

class ParentPort extends EventEmitter {
  postMessage(message) {
    process.send(message)
  }
}

process.parentPort = new ParentPort()
process.once('disconnect', () => process.exit())
await import(pathToFileURL(process.argv[2]).href)
process.on('message', (data) => process.parentPort.emit('message', { data }))
