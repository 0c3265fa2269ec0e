// Sends the authorization response on its way. Somebody who came here with the back button is
// left alone: sending it again would only end in an error at the application.
"use strict";

const [navigation] = performance.getEntriesByType("navigation");
if (navigation?.type !== "back_forward") document.getElementById("form-post").requestSubmit();
