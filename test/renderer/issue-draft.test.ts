/** Editing an issue's texts while somebody else edits them too. */
import { describe, expect, test } from 'vitest'
import {
  changedTexts,
  edited,
  maySave,
  shownTexts,
  theirs,
  UNTOUCHED,
} from '../../renderer/app/issue-draft.ts'

const issue = { title: 'First', description: 'As it was.' }
const mine = edited(UNTOUCHED, issue, 'title', 'Mine')

describe('a text that nobody here has touched', () => {
  test('follows the issue, is nobody’s conflict, and is not written', () => {
    const now = { ...issue, description: 'Theirs' }
    expect(shownTexts(mine, now).description).toBe('Theirs')
    expect(theirs(mine, now, 'description')).toBeNull()
    expect(changedTexts(mine, now)).toEqual({ title: 'Mine' })
  })
})

describe('a text that is being written', () => {
  test('stays as written when somebody changes it, who is named before they are overwritten', () => {
    const now = { ...issue, title: 'Theirs' }
    expect(shownTexts(mine, now).title).toBe('Mine')
    expect(theirs(mine, now, 'title')).toBe('Theirs')
    expect(changedTexts(mine, now)).toEqual({ title: 'Mine' })
  })

  test('is compared with what it was when the writing began, however long it goes on', () => {
    const now = { ...issue, title: 'Theirs' }
    const further = edited(mine, now, 'title', 'Mine, longer')
    expect(theirs(further, now, 'title')).toBe('Theirs')
  })

  test('is no conflict when both wrote the same, and nothing is written then', () => {
    const now = { ...issue, title: 'Mine' }
    expect(theirs(mine, now, 'title')).toBeNull()
    expect(changedTexts(mine, now)).toEqual({})
  })

  test('can be let go for theirs', () => {
    const now = { ...issue, title: 'Theirs' }
    expect(shownTexts({ ...mine, title: null }, now).title).toBe('Theirs')
    expect(changedTexts({ ...mine, title: null }, now)).toEqual({})
  })
})

test('a title is written without the space around it', () => {
  expect(changedTexts(edited(UNTOUCHED, issue, 'title', ' Mine '), issue)).toEqual({ title: 'Mine' })
  expect(changedTexts(edited(UNTOUCHED, issue, 'title', 'First '), issue)).toEqual({})
})

test.each([
  ['an empty title', { title: ' ' }, false],
  ['a title of 200 characters', { title: 'x'.repeat(200) }, true],
  ['a title of 201', { title: 'x'.repeat(201) }, false],
  ['a description of 20,001', { description: 'x'.repeat(20_001) }, false],
])('%s', (_, texts, isFine) => {
  expect(maySave({ ...issue, ...texts })).toBe(isFine)
})
