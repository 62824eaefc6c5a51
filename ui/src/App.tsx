import { MantineProvider, createTheme } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";

import { createQueryClient } from "./api/queryClient";
import { router } from "./routes";

const queryClient = createQueryClient();

const theme = createTheme({ primaryColor: "cyan", defaultRadius: "sm", cursorType: "pointer" });

/**
 * The page. Mantine is told not to write `<style>` elements: its variables come from its stylesheet and
 * `tokens.css`, so that the server can send `style-src 'self'`.
 */
export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
