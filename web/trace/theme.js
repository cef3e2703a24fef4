/* theme: light, dark, or as the system has it. */

const KEY = 'rill-theme';
const order = ['system', 'light', 'dark'];

function kept() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a page from a file may have no storage
  }
}

export function themeNow() {
  const theme = document.documentElement.dataset.theme ?? kept();
  return order.includes(theme) ? theme : 'system';
}

export function setTheme(theme) {
  if (theme === 'system')
    delete document.documentElement.dataset.theme;
  else
    document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch { /* it holds until the page goes */ }
}

export const nextTheme = (theme) => order[(order.indexOf(theme) + 1) % order.length];

/* Told when the system's own changes. */
export function onSystemTheme(changed) {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}
