import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";

import { Icon } from "./Icon";

/** Follows the system until the reader chooses. */
export function ColorSchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const other = useComputedColorScheme("light") === "light" ? "dark" : "light";
  const label = `Switch to ${other} colours`;
  return (
    <ActionIcon variant="default" size="md" aria-label={label} title={label} onClick={() => setColorScheme(other)}>
      <Icon name={other === "dark" ? "moon" : "sun"} />
    </ActionIcon>
  );
}
