// @vitest-environment happy-dom
/** The parts that one writes in: keys, limits, drafts, and what is said aloud. */
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { announce, Announcer } from '../../renderer/parts/Announcer.tsx'
import { useDraft } from '../../renderer/parts/draft.ts'
import { Field } from '../../renderer/parts/Field.tsx'
import { WriteForm } from '../../renderer/parts/WriteForm.tsx'

afterEach(() => {
  cleanup()
  sessionStorage.clear()
})

describe('a form', () => {
  const setUp = () => {
    const calls = { onSave: vi.fn(), onCancel: vi.fn(), around: vi.fn() }
    render(
      // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
      <div onKeyDown={calls.around}>
        <WriteForm label="Form" onSave={calls.onSave} onCancel={calls.onCancel}>
          <textarea aria-label="Text" />
          <button type="submit">Save</button>
        </WriteForm>
      </div>,
    )
    return { ...calls, press: (init: object) => fireEvent.keyDown(screen.getByLabelText('Text'), init) }
  }

  test.each([
    ['Ctrl+Enter', { key: 'Enter', ctrlKey: true }],
    ['Cmd+Enter', { key: 'Enter', metaKey: true }],
  ])('is saved by %s', (_, init) => {
    const { onSave, press } = setUp()
    press(init)
    expect(onSave).toHaveBeenCalledOnce()
  })

  test('is saved by its button', () => {
    const { onSave } = setUp()
    fireEvent.click(screen.getByText('Save'))
    expect(onSave).toHaveBeenCalledOnce()
  })

  test('is left by Escape, which nothing around it hears', () => {
    const { onSave, onCancel, around, press } = setUp()
    press({ key: 'Escape' })
    expect(onCancel).toHaveBeenCalledOnce()
    expect(around).not.toHaveBeenCalled()
    expect(onSave).not.toHaveBeenCalled()
  })

  test('leaves other keys alone, and all keys while a character is being composed', () => {
    const { onSave, onCancel, press } = setUp()
    press({ key: 'Enter' })
    press({ key: 'Escape', isComposing: true })
    press({ key: 'Enter', ctrlKey: true, isComposing: true })
    expect(onSave).not.toHaveBeenCalled()
    expect(onCancel).not.toHaveBeenCalled()
  })
})

describe('a field', () => {
  const write = (value: string) =>
    render(<Field label="Title" value={value} onChange={() => {}} limit={100} />).container.textContent

  test('says how much room is left when it is nearly full, and not before', () => {
    expect(write('x'.repeat(89))).toBe('Title')
    cleanup()
    expect(write('x'.repeat(97))).toContain('3 characters left')
  })

  test('keeps a text that is too long, says by how much, and is invalid', () => {
    expect(write('x'.repeat(104))).toContain('4 characters too many.')
    const input = screen.getByLabelText<HTMLInputElement>('Title')
    expect(input.value).toHaveLength(104)
    expect(input.getAttribute('aria-invalid')).toBe('true')
  })

  test('ties its problem to the input', () => {
    render(<Field label="Title" value="" onChange={() => {}} limit={100} problem="An issue needs a title." />)
    const described = screen.getByLabelText('Title').getAttribute('aria-describedby')!
    const texts = described.split(' ').map((id) => document.querySelector(`[id="${id}"]`)?.textContent)
    expect(texts).toContain('An issue needs a title.')
  })
})

describe('a draft', () => {
  function Writer({ name }: { readonly name: string }) {
    const draft = useDraft<string>(name, '')
    return (
      <>
        <input aria-label="Draft" value={draft.value} onChange={({ target }) => draft.set(target.value)} />
        <button onClick={draft.clear}>Clear</button>
      </>
    )
  }
  const shown = () => screen.getByLabelText<HTMLInputElement>('Draft').value
  const type = (value: string) => fireEvent.change(screen.getByLabelText('Draft'), { target: { value } })

  test('outlives its component, each name for itself', () => {
    const { rerender, unmount } = render(<Writer name="one" />)
    type('first')
    rerender(<Writer name="two" />)
    expect(shown()).toBe('')
    type('second')
    unmount()
    render(<Writer name="one" />)
    expect(shown()).toBe('first')
  })

  test('that is larger than a window may keep is still written', () => {
    const full = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('', 'QuotaExceededError')
    })
    render(<Writer name="one" />)
    type('very long')
    expect(shown()).toBe('very long')
    full.mockRestore()
  })

  test('is gone for good when it is cleared', () => {
    const { unmount } = render(<Writer name="one" />)
    type('first')
    fireEvent.click(screen.getByText('Clear'))
    expect(shown()).toBe('')
    unmount()
    render(<Writer name="one" />)
    expect(shown()).toBe('')
  })
})

test('the same words said twice are two events in the live region', () => {
  render(<Announcer />)
  act(() => announce('Saved'))
  const first = screen.getByText('Saved')
  act(() => announce('Saved'))
  expect(screen.getByText('Saved')).not.toBe(first)
  expect(screen.getByRole('status').textContent).toBe('Saved')
})
