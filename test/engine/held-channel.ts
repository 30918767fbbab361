/** A channel to no process: a test answers, and decides when it dies. */
import type { ReaderChannel, SpawnReader } from '../../src/engine/read-process/channel.ts'
import type { FromReader, ToReader } from '../../src/engine/read-process/messages.ts'

export class HeldChannel implements ReaderChannel {
  readonly pid = undefined
  readonly posted: ToReader[] = []
  kills = 0
  answer: (message: FromReader) => void = () => undefined
  exit: () => void = () => undefined
  readonly spawn: SpawnReader = () => this

  post(message: ToReader): void {
    this.posted.push(message)
  }

  onMessage(listener: (message: FromReader) => void): void {
    this.answer = listener
  }

  onExit(listener: () => void): void {
    this.exit = listener
  }

  kill(): void {
    this.kills++
    this.exit()
  }

  answerRows(rows: readonly (readonly number[])[]): void {
    this.answer({ kind: 'answer', answer: { ok: true, value: { columns: ['x'], rows, tables: [] } } })
  }

  asked(): string[] {
    return this.posted.flatMap((message) => {
      if (message.kind !== 'ask') return []
      const { question } = message
      return question.kind === 'rehearse' ? question.statements.map(([sql]) => sql) : [question.sql]
    })
  }
}
