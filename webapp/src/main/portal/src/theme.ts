import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const harbor: MantineColorsTuple = [
  '#e6f4f7',
  '#cfe6ec',
  '#a2cfda',
  '#72b7c8',
  '#4ba3b8',
  '#2e8ba3',
  '#17738f',
  '#12627a',
  '#0e5266',
  '#0a4254',
];

const dark: MantineColorsTuple = [
  '#d8dfe6',
  '#b9c4ce',
  '#97a5b2',
  '#6f7e8c',
  '#34404b',
  '#2a343e',
  '#1c242c',
  '#12181e',
  '#0d1217',
  '#080c10',
];

export const theme = createTheme({
  primaryColor: 'harbor',
  primaryShade: { light: 6, dark: 7 },
  colors: { harbor, dark },
  defaultRadius: 'sm',
  fontFamily: "'Inter Variable', system-ui, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, 'SF Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '1.25rem' }, h2: { fontSize: '0.9375rem' } } },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Drawer: { defaultProps: { overlayProps: { backgroundOpacity: 0.35 } } },
    Modal: { defaultProps: { overlayProps: { backgroundOpacity: 0.45 }, centered: true } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250, multiline: true } },
  },
});

// the library's own dimmed and placeholder greys stay below 4.5:1 on white
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#56626d',
    '--mantine-color-placeholder': '#6b7782',
    '--ph-raised': '#ffffff',
    '--ph-sunken': '#f4f6f8',
    '--ph-line': '#dfe4e9',
    '--ph-hover': '#eef2f5',
    '--ph-accent': '#17738f',
    '--ph-accent-text': '#12627a',
    '--ph-accent-soft': '#e0f0f4',
    '--ph-up': '#23762f',
    '--ph-slow': '#b35c00',
    '--ph-away': '#c92a2a',
    '--ph-idle': '#6b7782',
  },
  dark: {
    '--mantine-color-dimmed': '#97a5b2',
    '--mantine-color-placeholder': '#8593a0',
    '--mantine-color-error': '#ff8787',
    '--ph-raised': '#171e25',
    '--ph-sunken': '#0d1217',
    '--ph-line': '#2a343e',
    '--ph-hover': '#202932',
    '--ph-accent': '#4ba3b8',
    '--ph-accent-text': '#72b7c8',
    '--ph-accent-soft': '#123440',
    '--ph-up': '#51cf66',
    '--ph-slow': '#ffa94d',
    '--ph-away': '#ff8787',
    '--ph-idle': '#97a5b2',
  },
});
