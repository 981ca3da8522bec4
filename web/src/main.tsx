import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ComponentType, lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { Problem } from "./kit/api/client";
import { startWords } from "./kit/i18n";
import { readLink } from "./kit/url/permalink";
import "./kit/theme/fonts.css";
import "./kit/theme/tokens.css";
import "./kit/theme/base.css";

/** The pages by the first part of their address; each brings its own code, and the map's code travels beside it. */
const pages: Record<string, () => Promise<{ default: ComponentType }>> = {
  "": () => import("./portal/Portal").then((module) => ({ default: module.Portal })),
  admin: () => import("./admin/Admin").then((module) => ({ default: module.Admin })),
  signin: () => import("./admin/Admin").then((module) => ({ default: module.Admin })),
  studio: () => import("./studio/Studio").then((module) => ({ default: module.Studio })),
};

const first = location.pathname.split("/")[1] ?? "";
const Page = lazy(pages[first] ?? pages[""]!);

startWords(readLink(location).lang ?? "vi");

const questions = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      // A refusal stays a refusal; a lost connection is tried again twice.
      retry: (count, cause) => cause instanceof Problem && cause.kind === "unreachable" && count < 2,
      retryDelay: (attempt) => 500 * 2 ** attempt,
    },
  },
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={questions}>
        <Suspense fallback={null}>
          <Page />
        </Suspense>
      </QueryClientProvider>
    </StrictMode>,
  );
}
