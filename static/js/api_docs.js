// Shows the API's description. What is tried out is done as the person who is signed in.
"use strict";

(() => {
  const place = document.getElementById("api-docs");
  const { document: url, session } = place.dataset;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", follow);
  follow();
  window.SwaggerUIBundle({
    url,
    domNode: place,
    deepLinking: true,
    validatorUrl: null,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    tagsSorter: "alpha",
    syntaxHighlight: { activated: false },
    presets: [window.SwaggerUIBundle.presets.apis],
    requestInterceptor: (request) => {
      const target = new URL(request.url, location.href);
      if (session && target.origin === location.origin && !request.headers.Authorization) {
        request.headers["Console-Session"] = session;
      }
      return request;
    },
  });
})();
