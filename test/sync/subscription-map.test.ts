/** The map of subscriptions must agree with a plain one, whatever comes and goes, and find by name. */
import { expect, test } from 'vitest'
import { SubscriptionMap } from '../../src/sync/subscription-map.ts'
import { newRow, unheld } from '../../src/sync/subscriptions.ts'
import type { Subscription } from '../../src/sync/state.ts'
import { Random } from './random.ts'

test('S1: a subscription is found by name and parameters exactly while it is there', () => {
  const random = new Random(7)
  const model = new Map<number, Subscription>()
  let map = SubscriptionMap.empty
  let nextId = 1
  for (let turn = 0; turn < 3000; turn++) {
    const name = random.pick(['a', 'b'])
    const params = random.pick([null, 'null', JSON.stringify({ i: random.below(2000) })])
    const known = [...model.values()].find(({ row }) => row.name === name && row.params === params)
    expect(map.find(name, params)).toBe(known)
    if (known === undefined) {
      const added = unheld(newRow(nextId++, name, params))
      map = map.set(added)
      model.set(added.row.id, added)
    } else if (random.chance(0.5)) {
      map = map.delete(known.row.id)
      model.delete(known.row.id)
    } else {
      const changed = { ...known, row: { ...known.row, active: !known.row.active } }
      map = map.set(changed)
      model.set(known.row.id, changed)
    }
  }
  expect([...map]).toEqual([...model])
  for (const [id, subscription] of model) expect(map.get(id)).toBe(subscription)
})

test('S1: subscriptions of one hash are told apart', () => {
  // 100,000 of them in 2^20 places: some thousands share theirs.
  let map = SubscriptionMap.empty
  for (let id = 1; id <= 100_000; id++) map = map.set(unheld(newRow(id, 's', `${id}`)))
  map = map.delete(500)
  const found = Array.from({ length: 100_000 }, (_, i) => map.find('s', `${i + 1}`)?.row.id)
  expect(found).toEqual(Array.from({ length: 100_000 }, (_, i) => (i === 499 ? undefined : i + 1)))
})
