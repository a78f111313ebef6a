/** Where the configurations of most models were read: copies of each repository's config.json. */
export const configurations =
  "github.com/ai-dynamo/aiconfigurator aic-core/src/aiconfigurator_core/model_configs @095f58a5";
