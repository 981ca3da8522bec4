import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Problem } from "./kit/api/client";
import { startWords } from "./kit/i18n";
import { readPermalink } from "./kit/url/permalink";
import { Portal } from "./portal/Portal";
import "./kit/theme/fonts.css";
import "./kit/theme/tokens.css";
import "./kit/theme/base.css";

startWords(readPermalink(location.hash).lang ?? "vi");

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
        <Portal />
      </QueryClientProvider>
    </StrictMode>,
  );
}
