/** What the read process answers: rows, exactly, within limits; and nothing that the gate refuses. */
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { HeldChannel } from './held-channel.ts'
import { code, ENDLESS, ReadFixture } from './read-fixture.ts'

const fixture = new ReadFixture()
afterEach(() => fixture.closeAll())
afterAll(() => fixture.remove())
const readers = fixture.open.bind(fixture)

describe('a query', () => {
  it('gives columns, rows and the views it reads', async () => {
    const result = await readers().query('SELECT id, text FROM todos WHERE n > ? ORDER BY id', [0])
    expect(result).toEqual({
      columns: ['id', 'text'],
      rows: [
        ['a', 'x'],
        ['b', 'y'],
      ],
      tables: ['todos'],
    })
  })

  it('keeps columns of the same name apart, and names them without rows', async () => {
    const reader = readers()
    expect(await reader.query('SELECT 1 AS a, 2 AS a')).toMatchObject({ columns: ['a', 'a'], rows: [[1, 2]] })
    expect(await reader.query('SELECT id AS "__proto__" FROM todos LIMIT 0')).toMatchObject({
      columns: ['__proto__'],
      rows: [],
    })
  })

  it('carries every value exactly, there and back', async () => {
    const values = [
      'é\u0000\u{1F600}',
      0,
      -1.5,
      2 ** 53 - 1,
      2n ** 63n - 1n,
      Infinity,
      -Infinity,
      null,
      new Uint8Array([0, 255]),
    ]
    const marks = values.map(() => '?').join(', ')
    const { rows } = await readers().query(`SELECT ${marks}, 9007199254740993, 9e999, x'', -0.0`, values)
    expect(rows).toEqual([[...values, 9007199254740993n, Infinity, new Uint8Array(), -0]])
    expect(Object.getPrototypeOf(rows[0]![8])).toBe(Uint8Array.prototype)
  })

  it('takes parameters by name', async () => {
    expect(await readers().query('SELECT :a + $b AS sum', { a: 1, b: 2 })).toMatchObject({ rows: [[3]] })
  })

  it.each([
    ['too few', 'SELECT ?', []],
    ['too many', 'SELECT ?', [1, 2]],
    ['one that cannot be sent', 'SELECT ?', [(() => 1) as never]],
    ['one that SQLite cannot hold', 'SELECT ?', [{} as never]],
    ['a name that is missing', 'SELECT :a', { b: 1 }],
  ])('with parameters that do not fit fails: %s', async (_, sql, parameters) => {
    const reader = readers()
    await expect(reader.query(sql, parameters)).rejects.toEqual(code('bad_parameters'))
    expect(await reader.query('SELECT 1')).toMatchObject({ rows: [[1]] })
  })

  it('that fails while it runs says what SQLite said', async () => {
    await expect(readers().query(`SELECT json('{')`)).rejects.toEqual(code('sql_failed'))
  })

  it.each([
    ['SELECT * FROM ps_crud', 'sql_syntax'],
    ['WITH todos AS (SELECT * FROM ps_crud) SELECT * FROM todos', 'sql_syntax'],
    ['PRAGMA user_version', 'sql_refused'],
    ['DELETE FROM todos', 'sql_refused'],
    ['SELECT 1; SELECT 2', 'sql_refused'],
  ])('that the gate refuses does not run: %s', async (sql, refusal) => {
    await expect(readers().query(sql)).rejects.toEqual(code(refusal))
  })

  it('sees what was committed since the last one', async () => {
    const reader = readers()
    const count = async () => (await reader.query('SELECT count(*) FROM todos')).rows[0]![0]
    const before = (await count()) as number
    fixture.write(`INSERT INTO ps_data__todos(id) VALUES ('new')`)
    expect(await count()).toBe(before + 1)
    fixture.write(`DELETE FROM ps_data__todos WHERE id = 'new'`)
  })

  it('fails with what storage says when the database cannot be opened', async () => {
    const reader = readers({ dbPath: join(fixture.folder, 'missing', 'app.db') })
    await expect(reader.query('SELECT 1')).rejects.toHaveProperty('name', 'EngineError')
    await expect(reader.query('SELECT 1')).rejects.not.toEqual(code('read_process_failed'))
  })
})

describe('limits', () => {
  const some = (rows: number) =>
    `SELECT value FROM json_each('[${Array.from({ length: rows }, () => 1).join()}]')`

  it('end a result that has too many rows, and not one that has just as many', async () => {
    const reader = readers({ maxRows: 5 })
    await expect(reader.query(some(6))).rejects.toEqual(code('result_too_large'))
    expect((await reader.query(some(5))).rows).toHaveLength(5)
    await expect(reader.query(ENDLESS.replace('max(x)', 'x'))).rejects.toEqual(code('result_too_large'))
  })

  it('end a result that has too many bytes', async () => {
    const reader = readers({ maxBytes: 1000 })
    await expect(reader.query(`SELECT printf('%.*c', 1001, 'x')`)).rejects.toEqual(code('result_too_large'))
    await expect(reader.query('SELECT randomblob(1001)')).rejects.toEqual(code('result_too_large'))
    expect(await reader.query('SELECT length(randomblob(1001))')).toMatchObject({ rows: [[1001]] })
  })

  it('bound how many queries wait', async () => {
    const reader = readers({ spawn: new HeldChannel().spawn })
    const asked = Array.from({ length: 1001 }, () => reader.query('SELECT 1'))
    await expect(asked.at(-1)).rejects.toEqual(code('queue_full'))
    const rest = Promise.allSettled(asked)
    await reader.close()
    const codes = (await rest).map(
      (result) => result.status === 'rejected' && (result.reason as { code: string }).code,
    )
    expect(new Set(codes.slice(0, -1))).toEqual(new Set(['closed']))
  })
})

describe('the gate', () => {
  it('can be asked about writes, which run elsewhere: here they change nothing', async () => {
    const reader = readers()
    expect(
      await reader.rehearse([
        ['DELETE FROM todos'],
        ['INSERT INTO todos(id) VALUES (:id) RETURNING id', { id: 'new' }],
        ['UPDATE todos SET text = ?', ['changed']],
      ]),
    ).toEqual({ allowed: true })
    expect(await reader.rehearse([['DELETE FROM todos'], ['DELETE FROM ps_crud']])).toMatchObject({
      allowed: false,
      code: 'sql_syntax',
    })
    expect(await reader.rehearse([['DELETE FROM main.todos']])).toMatchObject({
      allowed: false,
      code: 'sql_refused',
    })
    expect((await reader.query('SELECT count(*) FROM todos')).rows).toEqual([[2]])
  })
})

describe('live queries', () => {
  const LONG = `SELECT 'a' AS id, printf('%.1000c', 'x') AS text, ? AS n`
  const question = (watch: number, ended: readonly number[] = []) => ({
    watch,
    basis: null,
    key: 'id',
    ended,
  })
  const whole = expect.objectContaining({ answer: expect.objectContaining({ kind: 'whole' }) })

  it('hold only so much together; one that ends makes room', async () => {
    const reader = readers({ maxLiveBytes: 2_500 })
    expect(await reader.watch(LONG, [1], question(1))).toEqual(whole)
    expect(await reader.watch(LONG, [2], question(2))).toEqual(whole)
    await expect(reader.watch(LONG, [3], question(3))).rejects.toEqual(code('result_too_large'))
    expect(await reader.watch(LONG, [1], question(1)), 'those that are there go on').toEqual(whole)
    expect(await reader.watch(LONG, [3], question(3, [2]))).toEqual(whole)
  })

  it('that end while they are asked hold nothing', async () => {
    const reader = readers({ maxLiveBytes: 1_500 })
    const ended = new AbortController()
    const asked = reader.watch(LONG, [1], question(1), { signal: ended.signal })
    ended.abort()
    await expect(asked).rejects.toEqual(code('query_aborted'))
    expect(await reader.watch(LONG, [2], question(2))).toEqual(whole)
  })

  it('count every value, however short', async () => {
    const columns = Array.from({ length: 200 }, (_, i) => `'' AS c${i}`).join(', ')
    const reader = readers({ maxBytes: 1_000 })
    await expect(reader.query(`SELECT ${columns}`)).rejects.toEqual(code('result_too_large'))
  })
})
