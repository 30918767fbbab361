/** Ids of checkpoints as the service answers them: they seed the count of requests, and become targets. */
import { expect, test } from 'vitest'
import { readCheckpointId } from '../../src/connector/response.ts'
import { loadCaptures } from '../captures/load.ts'

const answers = loadCaptures().filter(({ path }) => path.includes('checkpoint'))

function answer(body: string, status = 200): Response {
  return new Response(body, { status, headers: { 'content-type': 'application/json; charset=utf-8' } })
}

const FIELD = 'checkpoint_request_id'

test.each(answers.map((capture) => [capture.name, capture] as const))(
  '%s is read as it was meant',
  async (_name, { path, status, responseBody }) => {
    const field = path.startsWith('/write-checkpoint2.json') ? 'write_checkpoint' : FIELD
    const reading = readCheckpointId(answer(responseBody, status ?? 500), field)
    if (status === 200) {
      const { data } = JSON.parse(responseBody) as { readonly data: { readonly [field: string]: string } }
      expect(await reading).toBe(BigInt(data[field]!))
    } else {
      const { error } = JSON.parse(responseBody) as { readonly error: { readonly code: string } }
      await expect(reading).rejects.toMatchObject({
        code: status === 401 ? 'unauthorized' : 'rejected',
        serviceCode: error.code,
      })
    }
  },
)

test.each(['null', '""', '"-1"', '"1.5"', '"abc"', '7', '"99999999999999999999"'])(
  'B2.17 %s in an answer is no seed',
  async (id) => {
    const reading = readCheckpointId(answer(`{"data":{"${FIELD}":${id}}}`), FIELD)
    await expect(reading).rejects.toMatchObject({ code: 'not_a_sync_service' })
  },
)

test('B2.19 a seed comes as text, to the last digit', async () => {
  const reading = readCheckpointId(answer(`{"data":{"${FIELD}":"9007199254740993"}}`), FIELD)
  expect(await reading).toBe(9_007_199_254_740_993n)
})
