/** Unit tests read English. */

import { en } from "./en/index.ts";
import { setWords } from "./words.ts";

setWords(en);
