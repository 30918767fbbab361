/** Light or dark. */
import { ToggleButton } from 'react-aria-components'
import { MoonIcon, SunIcon } from './icons.tsx'
import { useTheme } from './theme.ts'

export function ThemeToggle() {
  const { theme, setTheme } = useTheme()
  const isDark = theme === 'dark'
  return (
    <ToggleButton
      className="tool"
      data-testid="theme-toggle"
      aria-label="Dark colours"
      isSelected={isDark}
      onChange={(dark) => setTheme(dark ? 'dark' : 'light')}
    >
      {isDark ? <SunIcon /> : <MoonIcon />}
    </ToggleButton>
  )
}
