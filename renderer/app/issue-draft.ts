/**
 * Editing an issue's texts while others may edit them too, pure. A text that the user has not touched follows the
 * issue; one that they have stays theirs, and whoever changed it meanwhile is named before it is replaced.
 */
import { limits } from './limits.ts'

export interface Texts {
  readonly title: string
  readonly description: string
}

export type TextName = keyof Texts

/** For each text: what the user made of it and of what; null: not touched. */
export type IssueDraft = {
  readonly [name in TextName]: { readonly text: string; readonly from: string } | null
}

export const UNTOUCHED: IssueDraft = { title: null, description: null }

export const textNames = ['title', 'description'] as const

/** What the fields show. */
export function shownTexts(draft: IssueDraft, issue: Texts): Texts {
  return {
    title: draft.title?.text ?? issue.title,
    description: draft.description?.text ?? issue.description,
  }
}

export function edited(draft: IssueDraft, issue: Texts, name: TextName, text: string): IssueDraft {
  return { ...draft, [name]: { text, from: draft[name]?.from ?? issue[name] } }
}

/** Somebody else's version, which saving would replace; null where nobody changed it, or to the same. */
export function theirs(draft: IssueDraft, issue: Texts, name: TextName): string | null {
  const own = draft[name]
  if (own === null || issue[name] === own.from || issue[name] === own.text) return null
  return issue[name]
}

/** What to write: the texts that differ from the issue's. */
export function changedTexts(draft: IssueDraft, issue: Texts): Partial<Texts> {
  const shown = shownTexts(draft, issue)
  const title = shown.title.trim()
  return {
    ...(title !== issue.title && { title }),
    ...(shown.description !== issue.description && { description: shown.description }),
  }
}

/** Why the title cannot be saved like this; null: it can. Its length the field says by itself. */
export function titleProblem(title: string): string | null {
  return title.trim() === '' ? 'An issue needs a title.' : null
}

export function maySave({ title, description }: Texts): boolean {
  return (
    titleProblem(title) === null && title.length <= limits.title && description.length <= limits.description
  )
}
