// Copied into the peer's folder, from where it finds the peer's libraries.
import * as langgraph from "@langchain/langgraph";
import { stepsGraph, talkGraph, waitGraph } from "./graphs.mjs";

export const steps = stepsGraph(langgraph).compile();
export const talk = talkGraph(langgraph).compile();
export const wait = waitGraph(langgraph).compile();
