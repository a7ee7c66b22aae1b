// Nobody is signed in: the lists that a door kept on this device go.
doorStore.forgetAll();
