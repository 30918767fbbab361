import { expect, test } from 'vitest'
import { parsePlace, placeHash, type Place } from '../../renderer/app/place.ts'

const home: Place = { list: { kind: 'my_work' }, issue: null }

test.each<[Place, string]>([
  [home, '#/my-work'],
  [{ list: { kind: 'my_work' }, issue: 'issue-1' }, '#/my-work/issue-1'],
  [{ list: { kind: 'project', project: 'project-01' }, issue: null }, '#/project/project-01'],
  [{ list: { kind: 'project', project: 'a/b %' }, issue: 'c#d' }, '#/project/a%2Fb%20%25/c%23d'],
  [{ list: { kind: 'archive' }, issue: null }, '#/archive'],
])('a place and its fragment stand for each other: %j', (place, hash) => {
  expect(placeHash(place)).toBe(hash)
  expect(parsePlace(hash)).toEqual(place)
})

test.each(['', '#', '#/', '#/nowhere', '#/project', '#/project/', '#/project/%zz', '#token=abc'])(
  'whatever cannot be understood is home: %s',
  (hash) => {
    expect(parsePlace(hash)).toEqual(home)
  },
)
