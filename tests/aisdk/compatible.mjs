// The AI SDK's functions through @ai-sdk/openai-compatible against /v1 of a running Gearbox. Prints what came, as JSON.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embed, embedMany, generateImage, generateObject, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";

const [origin, token] = process.argv.slice(2);
const gearbox = createOpenAICompatible({
  name: "gearbox",
  baseURL: `${origin}/v1`,
  apiKey: token,
  includeUsage: true,
  supportsStructuredOutputs: true,
});
const model = gearbox("sandbox/scripted");
const city = jsonSchema({
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer", minimum: 2 } },
  required: ["city", "days"],
  additionalProperties: false,
});

async function streamed() {
  const answer = streamText({ model, prompt: "[[pace:instant]][[think:let me see]][[say:hello there]]" });
  let text = "";
  for await (const piece of answer.textStream) text += piece;
  return { text, reasoning: await answer.reasoningText, usage: await answer.usage, reason: await answer.finishReason };
}

async function withTools() {
  const weather = tool({ description: "The weather", inputSchema: city, execute: async () => ({ degrees: 21 }) });
  const made = await generateText({ model, tools: { weather }, prompt: "ask weather", stopWhen: stepCountIs(3) });
  return { steps: made.steps.length, calls: made.steps[0].toolCalls.map((call) => call.toolName), text: made.text };
}

async function refused() {
  try {
    await generateText({ model: gearbox("openai/none"), prompt: "hello", maxRetries: 0 });
  } catch (error) {
    return { name: error.name, status: error.statusCode, message: error.message };
  }
}

const embedding = gearbox.embeddingModel("sandbox/scripted-embedding");
const { image } = await generateImage({ model: gearbox.imageModel("sandbox/scripted-image"), prompt: "a gear" });
console.log(
  JSON.stringify({
    streamed: await streamed(),
    tools: await withTools(),
    object: (await generateObject({ model, schema: city, prompt: "a city" })).object,
    one: (await embed({ model: embedding, value: "a" })).embedding.length,
    many: (await embedMany({ model: embedding, values: ["a", "b"] })).embeddings.length,
    image: { kind: image.mediaType, bytes: image.uint8Array.length },
    refused: await refused(),
  }),
);
