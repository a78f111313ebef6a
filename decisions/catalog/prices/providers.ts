import type { Sourced } from "../sourced.ts";
import { openrouter } from "./aggregators.ts";
import { mistral, nebius, ovhcloud, scaleway } from "./european-hosts.ts";
import { anthropic, google, openai } from "./frontier.ts";
import { aws, baseten, cerebras, deepseek, fireworks, groq, novita, together } from "./hosts.ts";
import type { ApiPrice } from "./price-list.ts";

/** One way to reach a provider, with the places where it may process what it is sent. */
export interface Endpoint extends Sourced {
  readonly name: string;
  /** Regions, countries or areas; null where it may be anywhere or nobody says where. */
  readonly places: readonly string[] | null;
  /** What prices are multiplied by here. Low and high differ where sources do. */
  readonly priceFactor: { readonly low: number; readonly high: number };
  /** Whether every listed model is served here, or only some, so that each has to be looked up. */
  readonly models: "all" | "some";
}

/** Who sells tokens. */
export interface Provider extends Sourced {
  readonly name: string;
  /** An aggregator hands requests on to hosts of its choice, so its price is nobody's in particular. */
  readonly kind: "vendor" | "host" | "aggregator";
  /** Share taken off for answers that may wait, and whether it comes on top of cache prices; null where not known. */
  readonly batch: (Sourced & { readonly discount: number; readonly stacksWithCache: boolean }) | null;
  /** The first is the one that requests take by default. */
  readonly endpoints: readonly [Endpoint, ...Endpoint[]];
  readonly prices: Readonly<Record<string, ApiPrice>>;
}

const plain = { low: 1, high: 1 };
const tenth = { low: 1.1, high: 1.1 };

function halfPrice(stacksWithCache: boolean): Provider["batch"] {
  return {
    discount: 0.5,
    stacksWithCache,
    source: "the vendor's pricing page, as stored in public copies of various dates",
    asOf: "unknown",
  };
}

function anywhere(source: string): Endpoint {
  return { name: "global", places: null, priceFactor: plain, models: "all", source, asOf: "unknown" };
}

const notSaid = "no source found for where it processes";

function host(name: string, prices: Provider["prices"], endpoints?: Provider["endpoints"]): Provider {
  return {
    name,
    kind: "host",
    batch: null,
    endpoints: endpoints ?? [anywhere(notSaid)],
    prices,
    source: "npm @pydantic/genai-prices 0.1.8, published 2026-09-23 (MIT)",
    asOf: "2026-09-23",
  };
}

const claudeResidency = "https://platform.claude.com/docs/manage-claude/data-residency";
const openaiResidency = "https://developers.openai.com/api/docs/guides/data-residency";
const googleResidency = "https://docs.cloud.google.com/vertex-ai/generative-ai/docs/learn/data-residency";
const mistralRegional = "https://docs.mistral.ai/studio/regional-inference";
const azureDataZones =
  "https://learn.microsoft.com/en-us/azure/foundry/foundry-models/concepts/deployment-types; premium: https://pypi.org/project/azure-genai-prices/";

/** Providers by the key that `workloads.<name>.alternative.provider` uses. */
export const providers: Readonly<Record<string, Provider>> = {
  anthropic: {
    ...host("Anthropic", anthropic, [
      anywhere(claudeResidency),
      { name: "us", places: ["us"], priceFactor: tenth, models: "some", source: claudeResidency, asOf: "unknown" },
    ]),
    kind: "vendor",
    batch: halfPrice(true),
  },
  aws: host("Amazon Bedrock", aws, [
    {
      ...anywhere("https://docs.aws.amazon.com/bedrock/latest/userguide/endpoints-region-availability.html"),
      name: "us",
      places: ["us"],
    },
    {
      name: "eu",
      places: ["eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"],
      priceFactor: { low: 1, high: 1.1 },
      models: "some",
      source:
        "https://docs.aws.amazon.com/bedrock/latest/userguide/endpoints-region-availability.html; which model is served where was not found; premium of regional endpoints: vendor page as stored",
      asOf: "unknown",
    },
  ]),
  azure: {
    ...host("Azure AI Foundry", {}, [
      anywhere(azureDataZones),
      {
        name: "eu data zone",
        places: ["eu"],
        priceFactor: { low: 1.1, high: 1.2 },
        models: "some",
        source: azureDataZones,
        asOf: "unknown",
      },
    ]),
    kind: "vendor",
    batch: { discount: 0.5, stacksWithCache: true, source: azureDataZones, asOf: "unknown" },
    source: "no list of token prices was found; a quote of your own is needed",
    asOf: "unknown",
  },
  baseten: host("Baseten", baseten),
  cerebras: host("Cerebras", cerebras),
  deepseek: host("DeepSeek", deepseek),
  fireworks: host("Fireworks", fireworks),
  google: {
    ...host("Google", google, [
      anywhere(googleResidency),
      {
        name: "eu multi-region",
        places: ["eu"],
        priceFactor: { low: 1, high: 1.1 },
        models: "some",
        source: `${googleResidency}: Gemini 2.5 is named; Gemini 3 was not found there`,
        asOf: "unknown",
      },
    ]),
    kind: "vendor",
    batch: halfPrice(false),
  },
  groq: host("Groq", groq),
  mistral: {
    ...host("Mistral", mistral, [
      anywhere(mistralRegional),
      { name: "eu", places: ["eu"], priceFactor: tenth, models: "all", source: mistralRegional, asOf: "unknown" },
      { name: "us", places: ["us"], priceFactor: tenth, models: "some", source: mistralRegional, asOf: "unknown" },
    ]),
    kind: "vendor",
  },
  // Endpoints that stay in a region are billed there by the GPU-hour, so the prices by the token hold nowhere in particular.
  nebius: host("Nebius", nebius, [
    anywhere("https://www.bolna.ai/docs/custom-llm-inference/nebius: serverless endpoints may change region"),
  ]),
  novita: host("Novita", novita),
  openai: {
    ...host("OpenAI", openai, [
      anywhere(openaiResidency),
      {
        name: "eu",
        places: ["eu"],
        priceFactor: { low: 1, high: 1.1 },
        models: "some",
        source: openaiResidency,
        asOf: "unknown",
      },
      {
        name: "us",
        places: ["us"],
        priceFactor: { low: 1, high: 1.1 },
        models: "some",
        source: openaiResidency,
        asOf: "unknown",
      },
    ]),
    kind: "vendor",
    batch: halfPrice(true),
  },
  openrouter: { ...host("OpenRouter", openrouter), kind: "aggregator" },
  ovhcloud: host("OVHcloud", ovhcloud, [
    {
      ...anywhere("https://tokonomix.ai/en/models/ovh/gpt-oss-120b: hosted in Gravelines, France"),
      name: "gra",
      places: ["gra"],
    },
  ]),
  scaleway: {
    ...host("Scaleway", scaleway, [
      { ...anywhere("https://www.scaleway.com/en/docs/generative-apis/faq"), name: "fr-par", places: ["fr-par"] },
    ]),
    source: "https://mastra.ai/en/models/providers/scaleway",
    asOf: "unknown",
  },
  together: host("Together", together),
};
