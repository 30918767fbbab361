/** Says beside a row that the service does not have its changes yet, or will not have them. */
import { PendingIcon, RefusedIcon } from '../parts/icons.tsx'
import { markWords, type Mark } from './upload-marks.ts'

export interface UploadMarkProps {
  readonly mark: Mark | null
  /** `icon`: the words are on hover and, unless the row says them itself, for screen readers. Default `words`. */
  readonly shape?: 'icon' | 'words'
}

export function UploadMark({ mark, shape = 'words' }: UploadMarkProps) {
  if (mark === null) return null
  const words = markWords(mark)
  return (
    <span className="upload-mark" data-mark={mark} title={words}>
      {mark === 'pending' ? <PendingIcon /> : <RefusedIcon />}
      <span className={shape === 'icon' ? 'visually-hidden' : 'upload-mark-words'}>{words}</span>
    </span>
  )
}
