/**
 * The app's backend in front of the demo service: takes each transaction once, by client id and transaction id,
 * and now and then loses its answer, as networks do. It remembers everything that it was ever sent.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { DemoService } from '../../src/demo/service.ts'
import type { Random } from '../sync/random.ts'
import { TAKEN } from './world.ts'

interface Upload {
  readonly clientId: string
  readonly transactionId: number
  readonly crud: readonly {
    readonly op: 'PUT' | 'PATCH' | 'DELETE'
    readonly id: string
    readonly color: string | null
  }[]
}

export class Backend {
  readonly #demo: DemoService
  readonly #random: Random
  readonly #server = createServer((request, response) => {
    void text(request).then((body) => {
      const upload = JSON.parse(body) as Upload
      this.onCall('received')
      this.#take(upload)
      if (this.#random.chance(0.05)) return void response.destroy()
      response.end()
      this.onCall('answered')
    }, this.#ignore)
  })
  readonly #ignore = () => undefined
  /** What came under each idempotency key. */
  readonly #known = new Map<string, string>()
  /** Transactions that came more than once, which is allowed. */
  repeated = 0
  /** What must never happen, as sentences. */
  readonly faults: string[] = []
  /** By the counter's row: the numbers of the transactions in the order in which they were taken. */
  readonly taken = new Map<string, number[]>()
  /** Somebody may want to kill at such a moment. */
  onCall: (moment: 'received' | 'answered') => void = () => undefined

  private constructor(demo: DemoService, random: Random) {
    this.#demo = demo
    this.#random = random
  }

  static async start(demo: DemoService, random: Random): Promise<Backend> {
    const backend = new Backend(demo, random)
    backend.#server.listen(0, '127.0.0.1')
    await once(backend.#server, 'listening')
    return backend
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  #take({ clientId, transactionId, crud }: Upload): void {
    const key = `${clientId}:${transactionId}`
    const content = JSON.stringify(crud)
    const known = this.#known.get(key)
    if (known !== undefined) {
      this.repeated++
      if (known !== content) this.faults.push(`Transaction ${key} came again with other content.`)
      return
    }
    this.#known.set(key, content)
    this.#demo.change((change) => {
      for (const { op, id, color } of crud) {
        if (op === 'DELETE') change.remove('labels', id)
        else change.put('labels', id, { name: TAKEN, color })
      }
    })
    this.#note(crud)
  }

  /** The last write of every transaction sets the counter. */
  #note(crud: Upload['crud']): void {
    const counter = crud.at(-1)
    if (counter?.op !== 'PATCH') return void this.faults.push(`A torn transaction: ${JSON.stringify(crud)}`)
    const numbers = this.taken.get(counter.id) ?? []
    this.taken.set(counter.id, numbers)
    numbers.push(Number(counter.color))
  }
}
