/**
 * The entry of the read process, as a child of Node or of Electron. It answers every message with one message,
 * and leaves when the owner does.
 */
import { errorInfo } from '../result.ts'
import type { FromReader, ToReader } from './messages.ts'
import { Session } from './session.ts'

let session: Session | null = null

listen((message) => {
  switch (message.kind) {
    case 'open':
      return open(message)
    case 'ask':
      if (session === null) throw new Error('The read process is not open.')
      return { kind: 'answer', answer: session.answer(message.question) }
    default:
      return message satisfies never
  }
})

function open({ options }: Extract<ToReader, { kind: 'open' }>): FromReader {
  try {
    session = new Session(options)
    return { kind: 'opened' }
  } catch (error) {
    return { kind: 'failed', error: errorInfo(error) }
  }
}

/** Electron's port to its owner, in a utility process. */
interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void
  postMessage(message: unknown): void
}

function listen(answer: (message: ToReader) => FromReader): void {
  const { parentPort } = process as { readonly parentPort?: ParentPort }
  if (parentPort) {
    parentPort.on('message', ({ data }) => parentPort.postMessage(answer(data as ToReader)))
    return
  }
  process.on('message', (message) => void process.send?.(answer(message as ToReader)))
  process.once('disconnect', () => process.exit())
}
