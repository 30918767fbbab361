import { expect, test } from 'vitest'
import { takeToken, type TokenSource } from '../../src/ipc/client/token.ts'

function page(hash: string, stored: Record<string, string> = {}) {
  const urls: string[] = []
  const source: TokenSource = {
    location: { hash, pathname: '/', search: '?a=1' },
    history: { replaceState: (_data, _unused, url) => urls.push(url) },
    sessionStorage: {
      getItem: (key) => stored[key] ?? null,
      setItem: (key, value) => (stored[key] = value),
    },
  }
  return { source, urls, stored }
}

test('the token leaves the address bar and is kept for a reload', () => {
  const { source, urls, stored } = page('#token=abc_-9')
  expect(takeToken(source)).toBe('abc_-9')
  expect(urls).toEqual(['/?a=1'])
  expect(takeToken(page('#/project/p/issue-1', stored).source)).toBe('abc_-9')
})

test('a fragment that is a place in the app is left alone', () => {
  const { source, urls } = page('#/project/p')
  expect(takeToken(source)).toBeNull()
  expect(urls).toEqual([])
})
