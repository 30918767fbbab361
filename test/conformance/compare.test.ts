import { expect, test } from 'vitest'
import { differences } from './compare.ts'

const CLIENT = '5142fcfc-30ce-4b9e-986a-aa47f42dac3b'

test('values are named by step, place and the names of streams and rows', () => {
  const ours = [
    '{"step":4,"status":{"streams":[{"name":"x","params":{"k":1},"priority":1}]},"rows":{"t":[]}}',
  ]
  const native = [
    '{"step":4,"status":{"streams":[{"name":"x","params":{"k":1},"priority":null}]},"rows":{"t":[{"id":"r"}]}}',
  ]
  expect(differences(ours, native)).toEqual([
    '4 status.streams.x{"k":1}.priority: 1 | null',
    '4 rows.t.r: - | +',
  ])
})

test('numbers differ by their source text', () => {
  const rows = (number: string) => [`{"step":1,"rows":{"t":[{"id":"r","n":${number}}]}}`]
  expect(differences(rows('1.0'), rows('1'))).toEqual(['1 rows.t.r.n: 1.0 | 1'])
  expect(differences(rows('9223372036854775807'), rows('9223372036854775806'))).toHaveLength(1)
  expect(differences(rows('"1"'), rows('1'))).toEqual(['1 rows.t.r.n: "1" | 1'])
  expect(differences(rows('9e999'), rows('9e999'))).toEqual([])
})

test('a line that only one prints differs, and so does the order of lines and streams', () => {
  const close = '{"step":2,"close":{"hideDisconnect":true}}'
  const log = '{"step":2,"log":{"severity":"debug","text":"a"}}'
  expect(differences([close, log], [log])).toEqual(['2 close: {"hideDisconnect":true} | -'])
  expect(differences([close, log], [log, close])).toEqual(['2 order: ["close","log"] | ["log","close"]'])
  expect(differences([log, log], [log])).toEqual(['2 log 2: {"severity":"debug","text":"a"} | -'])
  const streams = (...names: string[]) => [
    JSON.stringify({ step: 3, streams: names.map((name) => ({ name })) }),
  ]
  expect(differences(streams('a', 'b'), streams('b', 'a'))).toEqual([
    '3 streams.order: ["a","b"] | ["b","a"]',
  ])
})

test('the client id, the order of buckets, empty parameters and words of errors carry no meaning', () => {
  const request = (buckets: readonly object[], rest: object) =>
    JSON.stringify({ step: 1, request: { buckets, ...rest } })
  const a = { name: 'a', after: '1' }
  const b = { name: 'b', after: '2' }
  const other = CLIENT.replace('5', '6')
  expect(
    differences(
      [
        request([a, b], { client_id: CLIENT, parameters: {} }),
        '{"step":2,"error":{"code":"protocol","message":"x"}}',
      ],
      [request([b, a], { client_id: other }), '{"step":2,"error":{"code":"protocol","message":"y"}}'],
    ),
  ).toEqual([])
  expect(differences([request([a], { client_id: '' })], [request([a], { client_id: CLIENT })])).toHaveLength(
    1,
  )
})
