// What a page with useChat does, with the classes behind it, against a running Gearbox. Prints what came, as JSON.
import { AbstractChat, DefaultChatTransport, lastAssistantMessageIsCompleteWithToolCalls, readUIMessageStream } from "ai";

const [origin, token, pixel] = process.argv.slice(2);
const MODEL = "sandbox/scripted";
const tools = {
  weather: {
    description: "The weather in a city",
    inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

function transport(body = {}, bearer = token) {
  const headers = { authorization: `Bearer ${bearer}` };
  return new DefaultChatTransport({ api: `${origin}/api/chat`, headers, body: { model: MODEL, ...body } });
}

// The state that @ai-sdk/react keeps in React.
class State {
  status = "ready";
  error = undefined;
  messages = [];
  pushMessage = (message) => void this.messages.push(message);
  popMessage = () => void this.messages.pop();
  replaceMessage = (index, message) => void (this.messages[index] = message);
  snapshot = (thing) => structuredClone(thing);
}

class Chat extends AbstractChat {
  constructor(init) {
    super({ ...init, state: new State() });
  }
}

async function read(text, more = []) {
  const parts = [{ type: "text", text }, ...more];
  const messages = [{ id: "u1", role: "user", parts }];
  const stream = await transport().sendMessages({ chatId: "c", trigger: "submit-message", messages });
  let last, states = 0;
  for await (const message of readUIMessageStream({ stream, terminateOnError: true })) {
    last = message;
    states += 1;
  }
  return { ...last, states };
}

async function toolRound() {
  const chat = new Chat({
    transport: transport({ tools }),
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
    onToolCall({ toolCall }) {
      chat.addToolOutput({ tool: toolCall.toolName, toolCallId: toolCall.toolCallId, output: { degrees: 21 } });
    },
  });
  const done = new Promise((resolve) => {
    const look = () => {
      const parts = chat.messages.at(-1)?.parts ?? [];
      const over = chat.status === "error" || (chat.status === "ready" && parts.some((part) => part.type === "text"));
      return chat.messages.length > 1 && over ? resolve() : setTimeout(look, 10);
    };
    look();
  });
  await chat.sendMessage({ text: "ask weather" });
  await done;
  return { messages: chat.messages, status: chat.status, error: chat.error?.message };
}

async function failing(text, bearer) {
  let finished;
  const chat = new Chat({ transport: transport({}, bearer), onFinish: (told) => void (finished = told) });
  await chat.sendMessage({ text });
  return { status: chat.status, error: chat.error?.message, isError: finished?.isError, messages: chat.messages };
}

async function stopped() {
  let finished;
  const chat = new Chat({ transport: transport(), onFinish: (told) => void (finished = told) });
  const sent = chat.sendMessage({ text: "[[pace:slow]][[words:400]]" });
  const answer = () => chat.messages.find((message) => message.role === "assistant");
  const begun = () => answer()?.parts.some((part) => part.type === "text" && part.text);
  while (!begun()) await new Promise((resolve) => setTimeout(resolve, 10));
  await chat.stop();
  await sent;
  return { isAbort: finished.isAbort, status: chat.status };
}

async function again() {
  const chat = new Chat({ transport: transport() });
  await chat.sendMessage({ text: "[[pace:instant]][[say:one]]" });
  const first = chat.messages.at(-1).id;
  await chat.regenerate();
  return { count: chat.messages.length, same: chat.messages.at(-1).id === first };
}

const picture = { type: "file", mediaType: "image/png", url: `data:image/png;base64,${pixel}` };
console.log(
  JSON.stringify({
    text: await read("[[pace:instant]][[say:hello there]]"),
    reasoning: await read("[[pace:instant]][[think:let me see]][[say:yes]]"),
    sources: await read("[[pace:instant]][[say:yes]][[sources:https://one.example/a First]]"),
    picture: await read("[[pace:instant]]What is this?", [picture]),
    tools: await toolRound(),
    failed: await failing("[[fault:500]]"),
    cut: await failing("[[fault:cut]]"),
    refused: await failing("hello", "gbx_" + "A".repeat(43)),
    stopped: await stopped(),
    again: await again(),
  }),
);
