/** What looks like a token is hidden, and nothing else is; the time is that of reading the text. */
import { expect, test } from 'vitest'
import { redactDelta, withoutTokens } from '../../src/status/redact.ts'

test.each([
  ['a JWT', 'bad eyJhbGciOiJI.eyJzdWIiOiJ1MSJ9.c2lnbmF0dXJl!', 'bad (token)!'],
  ['a JWT without a signature', 'eyJhbGciOiJI.eyJzdWIiOiJ1MSJ9.', '(token)'],
  ['a JWT that was cut', 'got eyJhbGciOiJI.eyJz', 'got (token)'],
  ['what follows a scheme', 'sent Bearer abc-123, twice', 'sent Bearer (token), twice'],
])('%s is hidden', (_what, text, expected) => expect(withoutTokens(text)).toBe(expected))

test.each(['getaddrinfo ENOTFOUND sync-service.mycompany.internal', 'The file eyJ.txt is not there.'])(
  'says what it said: %s',
  (text) => expect(withoutTokens(text)).toBe(text),
)

test('a text that nobody would read to its end is cut', () => {
  expect(withoutTokens('x'.repeat(300_000))).toBe(`${'x'.repeat(2000)}…`)
})

test('a delta is redacted wherever others wrote in it, and keeps what has nothing to hide', () => {
  const error = { code: 'rejected', message: 'no: Bearer abc-123' }
  const hidden = { code: 'rejected', message: 'no: Bearer (token)' }
  const clean = { code: 'broken', message: 'It broke.' }
  const delta = redactDelta(
    {
      connection: { state: 'waiting', reason: error, retryAt: 7 },
      downloadError: error,
      uploadError: clean,
      streams: new Map([
        [1, { error, active: true }],
        [2, null],
      ]),
    },
    withoutTokens,
  )
  expect(delta).toEqual({
    connection: { state: 'waiting', reason: hidden, retryAt: 7 },
    downloadError: hidden,
    uploadError: clean,
    streams: new Map([
      [1, { error: hidden, active: true }],
      [2, null],
    ]),
  })
  expect(delta.uploadError).toBe(clean)
})
