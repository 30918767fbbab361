/** What the inspector watches besides the status: the log, and the meter. */
import type { Daemon, LogLine } from '../daemon/daemon.ts'
import { Flow } from './flow.ts'
import type { Meter, MeterMessage, MeterReading } from './meter.ts'
import { publicLine } from './public.ts'

export interface LogMessage {
  readonly sequence: number
  readonly lines: readonly LogLine[]
  /** Older lines that did not wait: the document was too slow, or missed a message. */
  readonly dropped: number
}

/** How many lines wait for a document that does not acknowledge. */
const MAX_LINES = 1000
const METER_MS = 500

export class LogWatch {
  readonly flow: Flow
  readonly #daemon: Pick<Daemon, 'onLog'>
  #lines: LogLine[] = []
  #sent = 0
  #dropped = 0
  #end = () => {}

  constructor(daemon: Pick<Daemon, 'onLog'>, interval: number, send: (message: LogMessage) => void) {
    this.#daemon = daemon
    this.flow = new Flow({
      interval,
      send: (sequence) => {
        const [lines, dropped] = [this.#lines, this.#dropped]
        this.#lines = []
        this.#dropped = 0
        this.#sent = lines.length
        send({ sequence, lines, dropped })
      },
      onLost: () => {
        this.#dropped += this.#sent
        this.flow.due()
      },
    })
  }

  start(): void {
    this.#end = this.#daemon.onLog((line) => {
      this.#lines.push(publicLine(line))
      if (this.#lines.length > MAX_LINES) {
        this.#lines.shift()
        this.#dropped++
      }
      this.flow.due()
    })
  }

  stop(): void {
    this.#end()
  }
}

export class MeterWatch {
  readonly flow: Flow
  readonly #meter: Meter
  readonly #send: (message: MeterMessage) => void
  #reading: MeterReading | null = null
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(meter: Meter, send: (message: MeterMessage) => void) {
    this.#meter = meter
    this.#send = send
    this.flow = new Flow({
      interval: METER_MS,
      send: (sequence) => this.#tell(sequence),
      onLost: () => {
        this.#reading?.forget()
        this.flow.due()
      },
    })
  }

  start(): void {
    this.#reading = this.#meter.open()
    this.#timer = setInterval(() => {
      if (this.#reading?.hasNews() === true) this.flow.due()
    }, METER_MS)
    this.flow.due()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#reading?.close()
  }

  #tell(sequence: number): void {
    if (this.#reading !== null) this.#send({ sequence, ...this.#reading.next() })
  }
}
