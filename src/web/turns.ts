/**
 * The order in which tRPC hears what a page says. It knows a subscription only once its procedure has run, some
 * microtasks after the message, and forgets a stop that comes earlier: the hold would live until its tab closes.
 *
 * Invariant: a stop is heard after everything before it has begun, and before anything after it.
 */
import type { RawData, WebSocket, WebSocketServer } from 'ws'

interface Piece {
  readonly data: RawData
  readonly isStop: boolean
}

/** A client puts all that it says at once into one message; it has 512 subscriptions to start or stop at most. */
const MAX_BATCH = 2048
const POLICY_VIOLATION = 1008

export interface TurnsOptions {
  /** False: what this page says next has to wait, until somebody else resumes its socket. */
  readonly mayRead: (socket: WebSocket) => boolean
}

/** Call it when tRPC listens to the server, and before anybody else does. */
export function takeTurns(sockets: WebSocketServer, { mayRead }: TurnsOptions): void {
  sockets.on('connection', (socket) => {
    const [take] = socket.listeners('message') as ((data: RawData) => void)[]
    if (take === undefined) throw new Error('tRPC does not listen to the socket.')
    socket.off('message', take)
    socket.on('message', inTurn(socket, take, mayRead))
  })
}

function inTurn(
  socket: WebSocket,
  take: (data: RawData) => void,
  mayRead: TurnsOptions['mayRead'],
): (data: RawData) => void {
  const waiting: Piece[] = []
  let isHeldUp = false

  const run = (hasBegun: boolean) => {
    for (let piece; (piece = waiting[0]) !== undefined; waiting.shift()) {
      if (piece.isStop && !hasBegun) return holdUp()
      hasBegun = piece.isStop
      take(piece.data)
    }
  }
  /** What comes meanwhile stays with the page: a flood of stops must not wait here. */
  const holdUp = () => {
    isHeldUp = true
    socket.pause()
    setImmediate(() => {
      isHeldUp = false
      if (mayRead(socket)) socket.resume()
      run(true)
    })
  }

  return (data) => {
    const messages = parse(data)
    if (messages.length > MAX_BATCH) return socket.close(POLICY_VIOLATION, 'Too many messages in one.')
    waiting.push(...pieces(data, messages))
    if (!isHeldUp) run(false)
  }
}

/** A message that stops something, taken apart; any other as it came. */
function pieces(data: RawData, messages: readonly unknown[]): readonly Piece[] {
  if (!messages.some(isStop)) return [{ data, isStop: false }]
  return messages.map((message) => ({ data: Buffer.from(JSON.stringify(message)), isStop: isStop(message) }))
}

/** None when it is not JSON: tRPC says so to the page. */
function parse(data: RawData): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(data.toString())
    return Array.isArray(parsed) ? parsed : [parsed]
  } catch {
    return []
  }
}

function isStop(message: unknown): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    (message as { readonly method?: unknown }).method === 'subscription.stop'
  )
}
