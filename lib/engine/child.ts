import { ModelSession } from "../pipeline/model-session.js";
import { serve } from "./serve.js";

// The program of the engine process; `client.ts` starts it. The title is what `ps` and `kill -9` see.
process.title = "dream-engine";
serve(new ModelSession());
